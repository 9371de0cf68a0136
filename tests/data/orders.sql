-- A few statements of different kinds, as people write them.
select o.id, c.name as customer, sum(l.quantity * l.price) total from orders o
  join customers c on c.id = o.customer_id left join lines l on l.order_id=o.id
where o.placed between '2026-01-01' and '2026-06-30' and c.level in ('gold','silver')
group by o.id, c.name having sum(l.quantity*l.price) > 100 order by total desc limit 10;

insert into vouchers (code, percent) values ('SPRING', 15), ('HELLO', 5);
update products set price = case when stock > 100 then price * 0.9 else price end where id in (select product_id from slow_sellers);
create table if not exists audit (id integer primary key, at timestamp default current_timestamp, what text not null);
